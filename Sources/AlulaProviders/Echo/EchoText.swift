import AlulaInference
import AlulaJSON

/// The words of an answer of the test model, made as they are asked for.
struct EchoText: Sendable {
    private enum Source: Sendable {
        /// What is left to say.
        case text(Substring)
        /// So many numbered words, of which so many are said.
        case count(Int, said: Int)
    }

    /// The longest word; what is longer is cut, so that every piece is short.
    private static let longestWord = 16

    private var source: Source
    /// The caller's stop sequence that ended the text before its end.
    private(set) var stop: String?

    init(_ request: InferenceRequest, _ options: EchoOptions) {
        if let words = options.words {
            source = .count(words, said: 0)
            return
        }
        var text: String
        switch request.format {
        case .jsonSchema(let schema): text = Self.json(SchemaSample.value(of: schema.schema))
        case .text where !options.writesJSON: text = EchoScript.label + Self.said(in: request)
        case .text, .jsonObject: text = Self.json(["echo": .string(Self.said(in: request)), "model": "alula/echo"])
        }
        for sequence in request.sampling.stopSequences {
            guard let start = text.start(before: sequence) else { continue }
            text = start
            stop = sequence
        }
        source = .text(text[...])
    }

    mutating func next() -> String? {
        switch source {
        case .count(let words, let said):
            guard said < words else { return nil }
            source = .count(words, said: said + 1)
            return said == 0 ? "word1" : " word\(said + 1)"
        case .text(var rest):
            guard !rest.isEmpty else { return nil }
            var end = rest.startIndex
            var length = 0
            // White space goes with the word that follows it.
            var isInWord = false
            while end < rest.endIndex, length < Self.longestWord {
                let isSpace = rest[end].isWhitespace
                if isSpace, isInWord { break }
                isInWord = isInWord || !isSpace
                end = rest.index(after: end)
                length += 1
            }
            let word = String(rest[..<end])
            rest = rest[end...]
            source = .text(rest)
            return word
        }
    }

    /// The last thing that the caller or a tool said.
    private static func said(in request: InferenceRequest) -> String {
        let heard = request.messages.last { $0.role == .user || $0.role == .tool }
        for part in heard?.parts.reversed() ?? [] {
            if let text = part.text { return String(text.prefix(EchoScript.maximumEcho)) }
            if case .toolResult(let result) = part { return String(result.text.prefix(EchoScript.maximumEcho)) }
        }
        return "(nothing that is text)"
    }

    private static func json(_ value: JSONValue) -> String {
        String(decoding: value.serialized(.compact), as: UTF8.self)
    }
}

extension String {
    /// What stands before the first occurrence of `other`; `nil` where there is none. Sequences of more than 64 bytes are
    /// not looked for, so that no combination takes long.
    fileprivate func start(before other: String) -> String? {
        let (bytes, wanted) = (Array(utf8), Array(other.utf8))
        guard !wanted.isEmpty, wanted.count <= 64, wanted.count <= bytes.count else { return nil }
        for place in 0...(bytes.count - wanted.count) where bytes[place..<(place + wanted.count)].elementsEqual(wanted)
        {
            return String(decoding: bytes[..<place], as: UTF8.self)
        }
        return nil
    }
}
