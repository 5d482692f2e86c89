# Tests of islands.rb: ruby test.rb

require "minitest/autorun"
require "tmpdir"
require_relative "islands"

class IslandsTest < Minitest::Test
  KEYS = [Random.bytes(32)].pack("m0")
  PAGE = '<p>é</p><Price server:defer sku="boat">€ 9</Price>'
  HOST = { "Host" => "a.example" }.freeze

  def make(keys = KEYS) = Islands.new(keys, { "CartCount" => 7, "Price" => 8 })

  def address = make.split(PAGE)[/island-src="([^"]*)"/, 1]

  def test_a_page_without_islands_stays_as_it_is
    assert_equal "<p>é</p>", make.split("<p>é</p>")
  end

  def test_an_island_becomes_a_placeholder
    assert_includes make.split(PAGE), '<p>é</p><link'
    assert_includes make.split(PAGE), '<server-island island="Price"'
  end

  def test_the_same_page_gives_the_same_shell
    assert_equal make.split(PAGE), make.split(PAGE)
  end

  def test_a_token_opens_on_another_host_with_the_same_keys
    assert_equal [8, { "sku" => "boat" }], make.open("GET", address, HOST)
  end

  def test_a_request_of_the_site_itself_is_none_of_its_business
    assert_nil make.open("GET", "/about", HOST)
  end

  def test_a_token_of_other_keys_is_refused
    error = assert_raises(EyotError) { make([Random.bytes(32)].pack("m0")).open("GET", address, HOST) }
    assert_match(/key/, error.message)
  end

  def test_a_request_from_another_site_is_refused
    from = HOST.merge("Sec-Fetch-Site" => "cross-site", "Sec-Fetch-Dest" => "empty")
    assert_equal 403, assert_raises(EyotError) { make.open("GET", address, from) }.status
  end

  def test_a_fault_in_a_page_is_told_with_its_line
    error = assert_raises(EyotError) { make.split("\n\n<Nobody server:defer></Nobody>") }
    assert_match(/\(line 3\)\z/, error.message)
  end

  def test_a_key_that_anybody_could_guess_is_refused
    assert_raises(EyotError) { make(["a" * 32].pack("m0")) }
  end

  def test_islands_that_nobody_holds_are_freed
    100.times { make.split(PAGE) }
    GC.start
    assert_includes make.split(PAGE), "island-src"
  end

  def test_structs_have_the_sizes_that_the_compiler_gives_them
    source = "#include <stdio.h>\n#include <eyot.h>\nint main(void) { printf(\"%zu %zu %zu %zu\", " \
             "sizeof(eyot_slice), sizeof(eyot_buffer), sizeof(eyot_islands_options), sizeof(eyot_head)); }\n"
    Dir.mktmpdir do |folder|
      File.write("#{folder}/sizes.c", source)
      include = "#{ENV.fetch('EYOT_PREFIX', '/usr/local')}/include"
      assert system("cc", "-I", include, "#{folder}/sizes.c", "-o", "#{folder}/sizes")
      assert_equal [C::Slice, C::Buffer, C::Options, C::Head].map(&:size).join(" "), `#{folder}/sizes`
    end
  end
end
