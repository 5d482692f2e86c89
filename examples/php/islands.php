<?php
// eyot from PHP, by the FFI extension: splits a page, and answers the request that a browser then sends.
//
//     php islands.php page.html
//
// EYOT_PREFIX is where eyot is installed, /usr/local by default; EYOT_KEYS is the key ring, made for this run without.
declare(strict_types=1);

// FFI::cdef reads C without a preprocessor. The header is plain C once the lines for one and its inline function are
// gone, so that nothing has to be copied from it and nothing can drift. A web server does this once, in a file for opcache.preload.
function declarations(string $header): string
{
    $header = preg_replace('/^\/\/ inline: .*?^\/\/ end of inline$/ms', '', $header);
    $header = preg_replace('/^#(.*\\\\\n)*.*\n/m', '', $header);       // with their continuation lines
    $header = preg_replace('/^extern "C" \{$|^\} \/\/ extern "C"$/m', '', $header);
    // PHP lends its strings to `char`, and to nothing else.
    $header = str_replace(['const uint8_t *', 'const void *'], 'const char *', $header);
    return preg_replace('/\/\/.*$/m', '', $header);
}

final class EyotError extends RuntimeException {}

// One site's islands. PHP's own memory is lent to a call and to nothing else; what eyot makes is freed after use.
final class Islands
{
    private FFI $eyot;
    private FFI\CData $islands;

    /** @param array<string, int> $names the islands, each with a number of your own */
    public function __construct(string $prefix, ?string $keys, array $names)
    {
        $this->eyot = FFI::cdef(declarations(file_get_contents("$prefix/include/eyot.h")), "$prefix/lib/libeyot.so.1");
        $keys ??= $this->taken('eyot_keyring_generate_key');
        $ring = $this->made('eyot_keyring', 'eyot_keyring_parse', $keys, strlen($keys));

        $declared = $this->eyot->new('eyot_declaration[' . count($names) . ']');
        $texts = [];                                                    // kept until the call, which copies them
        foreach (array_keys($names) as $at => $name) {
            $texts[] = $this->lend($declared[$at]->name, $name);
            $declared[$at]->number = $names[$name];
        }
        $options = $this->options('eyot_islands_options');
        $options->islands = FFI::addr($declared[0]);
        $options->islands_len = count($names);
        $this->islands = $this->made('eyot_islands', 'eyot_islands_new', $ring, FFI::addr($options));
        $this->eyot->eyot_keyring_free($ring);
    }

    public function __destruct()
    {
        if (isset($this->islands)) {
            $this->eyot->eyot_islands_free($this->islands);
        }
    }

    /** The shell of a page. */
    public function split(string $page): string
    {
        $shell = $this->made('eyot_shell', 'eyot_islands_split', $this->islands, $page, strlen($page), null);
        try {
            return $this->taken('eyot_shell_join', $shell);
        } finally {
            $this->eyot->eyot_shell_free($shell);
        }
    }

    /**
     * The island that is asked for: its number and its props. NULL when the request is the site's own. What eyot answers
     * by itself is an error here; a server sends what `eyot_reply_status`, `_headers` and `_body` say.
     *
     * @param array<string, string> $headers
     * @return ?array{int, array<string, mixed>}
     */
    public function open(string $method, string $target, array $headers, string $body = ''): ?array
    {
        $head = $this->options('eyot_head');
        $fields = $this->eyot->new('eyot_pair[' . max(1, count($headers)) . ']');
        $texts = [$this->lend($head->method, $method), $this->lend($head->target, $target)];
        foreach (array_keys($headers) as $at => $name) {
            $texts[] = $this->lend($fields[$at]->name, $name);
            $texts[] = $this->lend($fields[$at]->value, $headers[$name]);
        }
        $head->headers = FFI::addr($fields[0]);
        $head->headers_len = count($headers);

        $asked = $this->made('eyot_exchange', 'eyot_islands_arrive', $this->islands, FFI::addr($head), null, null, 0);
        if (FFI::isNull($asked)) {
            return null;
        }
        $refusal = $this->eyot->new('eyot_reply *');
        $island = $this->eyot->new('eyot_opened *');
        try {
            if ($this->eyot->eyot_exchange_arrival($asked) === $this->eyot->EYOT_ARRIVAL_REPLY) {
                throw $this->refused($this->eyot->eyot_exchange_reply($asked));
            }
            $this->call('eyot_exchange_take_body', $asked, $body, strlen($body), FFI::addr($refusal));
            $this->call('eyot_exchange_open', $asked, null, 0, 0, FFI::addr($island), FFI::addr($refusal));
            $props = $this->eyot->new('eyot_slice');
            $this->eyot->eyot_opened_props($island, FFI::addr($props));
            $read = json_decode(FFI::string($props->data, $props->len), true, flags: JSON_THROW_ON_ERROR);
            return [$this->eyot->eyot_opened_number($island), $read];
        } finally {
            $this->eyot->eyot_opened_free($island);
            $this->eyot->eyot_reply_free($refusal);
            $this->eyot->eyot_exchange_free($asked);
        }
    }

    private function refused(FFI\CData $reply): EyotError
    {
        $event = $this->eyot->eyot_reply_event($reply);
        $text = $event === null ? 'not an island' : FFI::string($event->message->data, $event->message->len);
        return new EyotError($text, $this->eyot->eyot_reply_status($reply));
    }

    /** Calls a function that can fail; its last parameter, the error, becomes an exception. */
    private function call(string $function, mixed ...$arguments): void
    {
        $error = $this->eyot->new('eyot_error *');
        $status = $this->eyot->$function(...[...$arguments, FFI::addr($error)]);
        if ($status === $this->eyot->EYOT_OK) {
            return;
        }
        $message = $this->eyot->new('eyot_slice');
        $this->eyot->eyot_error_message($error, FFI::addr($message));
        $text = FFI::string($message->data, $message->len);
        $line = $this->eyot->eyot_error_line($error);
        $this->eyot->eyot_error_free($error);
        throw new EyotError($line ? "$text (line $line)" : $text, $status);
    }

    /** What a call makes: an object, to be freed by the function of its type. */
    private function made(string $type, string $function, mixed ...$arguments): FFI\CData
    {
        $out = $this->eyot->new("$type *");
        $this->call($function, ...[...$arguments, FFI::addr($out)]);
        return $out;
    }

    /** What a call writes into a buffer. */
    private function taken(string $function, mixed ...$arguments): string
    {
        $buffer = $this->eyot->new('eyot_buffer');
        $this->call($function, ...[...$arguments, FFI::addr($buffer)]);
        $text = $buffer->len ? FFI::string($buffer->data, $buffer->len) : '';
        $this->eyot->eyot_buffer_free(FFI::addr($buffer));
        return $text;
    }

    /** A struct of options at its defaults, which are zeros behind its size. */
    private function options(string $type): FFI\CData
    {
        $options = $this->eyot->new($type);
        $options->size = FFI::sizeof($options);
        return $options;
    }

    /** Points a slice at a copy of a text, which lives as long as what this returns. */
    private function lend(FFI\CData $slice, string $text): FFI\CData
    {
        $copy = $this->eyot->new('char[' . max(1, strlen($text)) . ']');
        FFI::memcpy($copy, $text, strlen($text));
        $slice->data = FFI::addr($copy[0]);
        $slice->len = strlen($text);
        return $copy;
    }
}

if (realpath($_SERVER['SCRIPT_FILENAME']) === __FILE__) {
    $islands = new Islands(getenv('EYOT_PREFIX') ?: '/usr/local', getenv('EYOT_KEYS') ?: null, ['CartCount' => 7]);
    $page = file_get_contents($argv[1] ?? __DIR__ . '/page.html');
    $shell = $islands->split($page);
    echo $shell;
    preg_match('/island-src="([^"]*)"/', $shell, $found);
    [$number, $props] = $islands->open('GET', $found[1], ['Host' => 'shop.example']);
    echo "island $number with props ", json_encode($props), "\n";
}
