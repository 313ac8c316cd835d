import AlulaMeasuring
import NIOCore

/// The bytes that are sent, put together without a JSON writer.
enum UpstreamTexts {
    static func answer(_ status: String, _ json: String) -> ByteBuffer {
        let head = "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\ncontent-length: \(json.utf8.count)\r\n\r\n"
        return ByteBuffer(string: head + json)
    }

    /// A whole answer that repeats the question, so that nobody can be given somebody else's without its showing.
    static func whole(_ question: String) -> ByteBuffer {
        answer(
            "200 OK",
            #"{"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":"bench","choices":[{"index":0,"message":{"role":"assistant","content":"\#(ChatWords.answer(to: question)) It is as long as answers are that say little: a sentence or two, without any need of thought."},"finish_reason":"stop"}],"usage":{"prompt_tokens":21,"completion_tokens":26,"total_tokens":47}}"#
        )
    }

    static let streamHead = ByteBuffer(
        string: "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")

    /// The first piece of a stream, which repeats the question.
    static func first(_ question: String) -> ByteBuffer {
        piece(#"{"role":"assistant","content":"\#(ChatWords.answer(to: question))"}"#, finish: "null")
    }

    /// One word: its place, and when it was sent.
    static func word(_ place: Int, at time: MonotonicTime) -> ByteBuffer {
        piece(#"{"content":"\#(ChatWords.word(place, at: time))"}"#, finish: "null")
    }

    static var end: ByteBuffer {
        var bytes = piece("{}", finish: #""stop""#)
        bytes.writeImmutableBuffer(chunk("data: [DONE]\n\n"))
        bytes.writeString("0\r\n\r\n")
        return bytes
    }

    private static func piece(_ delta: String, finish: String) -> ByteBuffer {
        chunk(
            #"data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"bench","choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]}"#
                + "\n\n")
    }

    private static func chunk(_ text: String) -> ByteBuffer {
        ByteBuffer(string: "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
    }
}
