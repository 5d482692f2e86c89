<?php
// Tests of islands.php: php test.php
declare(strict_types=1);
require __DIR__ . '/islands.php';

$prefix = getenv('EYOT_PREFIX') ?: '/usr/local';
$keys = base64_encode(random_bytes(32));
$names = ['CartCount' => 7, 'Price' => 8];
$make = fn (?string $ring = null): Islands => new Islands($prefix, $ring ?? $keys, $names);
$page = '<p>é</p><Price server:defer sku="boat">€ 9</Price>';
$address = fn (): string => preg_match('/island-src="([^"]*)"/', $make()->split($page), $found) ? $found[1] : '';
$other = base64_encode(random_bytes(32));
$guessed = base64_encode(str_repeat('a', 32));
$host = ['Host' => 'a.example'];
$foreign = [...$host, 'Sec-Fetch-Site' => 'cross-site', 'Sec-Fetch-Dest' => 'empty'];
$error = function (callable $call): string {
    try {
        $call();
    } catch (EyotError $error) {
        return $error->getMessage();
    }
    return 'nothing was wrong';
};

$tests = [
    'a page without islands stays as it is' => fn () => $make()->split('<p>é</p>') === '<p>é</p>',
    'an island becomes a placeholder' => fn () => str_contains($make()->split($page), '<server-island island="Price"'),
    'the same page gives the same shell' => fn () => $make()->split($page) === $make()->split($page),
    'a token opens on another host with the same keys' =>
        fn () => $make()->open('GET', $address(), $host) === [8, ['sku' => 'boat']],
    'a request of the site itself is none of its business' => fn () => $make()->open('GET', '/about', $host) === null,
    'a token of other keys is refused' =>
        fn () => str_contains($error(fn () => $make($other)->open('GET', $address(), $host)), 'key'),
    'a request from another site is refused' =>
        fn () => str_contains($error(fn () => $make()->open('GET', $address(), $foreign)), 'site'),
    'a fault in a page is told with its line' =>
        fn () => str_contains($error(fn () => $make()->split("\n\n<Nobody server:defer></Nobody>")), '(line 3)'),
    'a key that anybody could guess is refused' => fn () => str_contains($error(fn () => $make($guessed)), 'key'),
];
$failed = 0;
foreach ($tests as $name => $test) {
    $passed = $test();
    $failed += (int) !$passed;
    echo $passed ? 'ok     ' : 'NOT OK ', $name, "\n";
}
exit($failed ? 1 : 0);
