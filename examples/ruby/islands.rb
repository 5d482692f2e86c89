# eyot from Ruby, by Fiddle: splits a page, and answers the request that a browser then sends.
#
#     ruby islands.rb page.html
#
# EYOT_PREFIX is where eyot is installed, /usr/local by default; EYOT_KEYS is the key ring, made for this run without.

require "fiddle/import"
require "json"

# The C interface. Its functions are read from the header itself, so that nothing can drift; of its structs, Fiddle has
# to be told those that are used here (names and lists inside of them are written with Array#pack).
module C
  extend Fiddle::Importer

  prefix = ENV.fetch("EYOT_PREFIX", "/usr/local")
  header = File.read("#{prefix}/include/eyot.h").gsub(%r{^// inline: .*?^// end of inline$}m, "").gsub(%r{//.*$}, "")
  dlload "#{prefix}/lib/libeyot.so.1"
  header.scan(/^\} (eyot_\w+);/) { |name, | typealias name, "int" } # enums are; structs are only pointed to
  typealias "bool", "unsigned char"
  header.scan(/^[^#\s][^;{}]*\([^;{}]*\);/) { |line| extern line.delete(";").gsub("const ", "").gsub(/\s+/, " ") }

  Slice = struct(["void *data", "size_t len"])
  Buffer = struct(["void *data", "size_t len", "size_t capacity"])
  Options = struct(["unsigned int size", "unsigned int spelling", "void *islands", "size_t islands_len", "char rest[16]"])
  Head = struct(["unsigned int size", "unsigned int reserved", "void *verb", "size_t verb_len", "void *target", "size_t target_len",
                 "void *mount", "size_t mount_len", "void *headers", "size_t headers_len"])

  Event = struct(["void *code", "size_t code_len", "void *path", "size_t path_len", "void *message", "size_t message_len",
                  "void *island", "size_t island_len", "int level", "unsigned int status"])

  OK = 0
  ARRIVAL_REPLY = 1
end

class EyotError < StandardError
  attr_reader :status

  def initialize(text, status)
    super(text)
    @status = status
  end
end

# One site's islands. Ruby's own memory is lent to a call and to nothing else; what eyot makes is freed after use.
class Islands
  # `names` are the islands, each with a number of your own.
  def initialize(keys, names)
    keys ||= taken { |out, error| C.eyot_keyring_generate_key(out, error) }
    ring = made { |out, error| C.eyot_keyring_parse(keys, keys.bytesize, out, error) }
    declared = names.flat_map { |name, number| [name, name.bytesize, number, 0] }.pack("pJLL" * names.size)
    options = zeroed(C::Options)
    options.islands, options.islands_len = declared, names.size
    @islands = made { |out, error| C.eyot_islands_new(ring, options, out, error) }
    ObjectSpace.define_finalizer(self, self.class.freeing(@islands.to_i))
  ensure
    C.eyot_keyring_free(ring)
  end

  def self.freeing(islands)
    proc { C.eyot_islands_free(islands) }
  end

  # The shell of a page.
  def split(page)
    shell = made { |out, error| C.eyot_islands_split(@islands, page, page.bytesize, nil, out, error) }
    taken { |out, error| C.eyot_shell_join(shell, out, error) }.force_encoding(page.encoding)
  ensure
    C.eyot_shell_free(shell)
  end

  # The island that is asked for: its number and its props. nil when the request is the site's own. What eyot answers by
  # itself is an error here; a server sends what `eyot_reply_status`, `eyot_reply_headers` and `eyot_reply_body` say.
  def open(method, target, headers, body = "")
    head = zeroed(C::Head)
    head.verb, head.verb_len, head.target, head.target_len = method, method.bytesize, target, target.bytesize
    fields = headers.flat_map { |name, value| [name, name.bytesize, value, value.bytesize] }.pack("pJpJ" * headers.size)
    head.headers, head.headers_len = fields, headers.size
    asked = made { |out, error| C.eyot_islands_arrive(@islands, head, nil, nil, 0, out, error) }
    return if asked.null?

    refuse(C.eyot_exchange_reply(asked)) if C.eyot_exchange_arrival(asked) == C::ARRIVAL_REPLY
    refusal = pointer
    call { |error| C.eyot_exchange_take_body(asked, body, body.bytesize, refusal, error) }
    island = made { |out, error| C.eyot_exchange_open(asked, nil, 0, 0, out, refusal, error) }
    [C.eyot_opened_number(island), JSON.parse(text { |out| C.eyot_opened_props(island, out) })]
  ensure
    C.eyot_opened_free(island)
    C.eyot_reply_free(refusal&.ptr)
    C.eyot_exchange_free(asked)
  end

  private

  # Calls a function that can fail; its last parameter, the error, becomes an exception.
  def call
    error = pointer
    status = yield error
    return if status == C::OK

    begin
      message = text { |out| C.eyot_error_message(error.ptr, out) }
      line = C.eyot_error_line(error.ptr)
      raise EyotError.new(line.zero? ? message : "#{message} (line #{line})", status)
    ensure
      C.eyot_error_free(error.ptr)
    end
  end

  # What a call makes: an object, to be freed by the function of its type.
  def made
    out = pointer
    call { |error| yield out, error }
    out.ptr
  end

  # What a call writes into a buffer.
  def taken
    buffer = zeroed(C::Buffer)
    call { |error| yield buffer, error }
    buffer.len.zero? ? +"" : buffer.data[0, buffer.len]
  ensure
    C.eyot_buffer_free(buffer)
  end

  # What a call tells in a slice, as a copy.
  def text
    slice = zeroed(C::Slice)
    yield slice
    slice.len.zero? ? "" : slice.data[0, slice.len].force_encoding(Encoding::UTF_8)
  end

  def refuse(reply)
    event = C.eyot_reply_event(reply)
    event = event.null? ? nil : C::Event.new(event)
    why = event ? event.message[0, event.message_len].force_encoding(Encoding::UTF_8) : "not an island"
    raise EyotError.new(why, C.eyot_reply_status(reply))
  end

  def pointer
    Fiddle::Pointer.malloc(Fiddle::SIZEOF_VOIDP, Fiddle::RUBY_FREE).tap { |at| at[0, at.size] = "\0" * at.size }
  end

  # A struct of zeros, which are the defaults; those that begin with their size get it.
  def zeroed(type)
    type.malloc(Fiddle::RUBY_FREE).tap do |made|
      made.to_ptr[0, type.size] = "\0" * type.size
      made.size = type.size if type.members.include?("size")
    end
  end
end

if $PROGRAM_NAME == __FILE__
  islands = Islands.new(ENV["EYOT_KEYS"], { "CartCount" => 7 })
  shell = islands.split(File.read(ARGV[0] || "#{__dir__}/page.html"))
  puts shell
  number, props = islands.open("GET", shell[/island-src="([^"]*)"/, 1], { "Host" => "shop.example" })
  puts "island #{number} with props #{props.to_json}"
end
