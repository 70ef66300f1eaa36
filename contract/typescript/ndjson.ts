// The lines of a stream of JSON, one value each, as they come.
//
// What is not checked here is what the client does not check either: that the server sends what its document says.
export async function* values<T>(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<T> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const value: T = JSON.parse(line);
      yield value;
    }
  }
}
