package import AlulaInference
package import AlulaJSON

/// Reads the body of `POST /v1/embeddings`.
///
/// - SeeAlso: OpenAI API reference, "Create embeddings".
package enum OpenAIEmbeddingsDecoder {
    /// How many inputs a request may have.
    package static let maximumInputs = 2048

    /// - Throws: ``InferenceError/Code/malformedRequest`` with the member that is wrong.
    package static func decode(_ body: JSONValue) throws(InferenceError) -> EmbeddingRequest {
        guard let object = body.object else {
            throw InferenceError(.malformedRequest, "The body must be a JSON object, not \(body.words).")
        }
        var fields = RequestFields(object)
        let model = try fields.requiredString("model")
        guard !model.allSatisfy(\.isWhitespace) else { throw fields.mistake("model", "must not be empty") }
        guard let value = fields.value("input") else { throw fields.mistake("input", "is missing") }
        var request = EmbeddingRequest(model: model, input: try input(value))
        if let word = try fields.string("encoding_format") {
            guard let encoding = EmbeddingRequest.Encoding(rawValue: word) else {
                throw fields.mistake("encoding_format", "must be `float` or `base64`")
            }
            request.encoding = encoding
        }
        if let dimensions = try fields.integer("dimensions", atLeast: 1) {
            guard dimensions <= EmbeddingVector.maximumLength else {
                throw fields.mistake("dimensions", "must be at most \(EmbeddingVector.maximumLength)")
            }
            request.dimensions = Int(dimensions)
        }
        request.user = try fields.string("user")
        request.extras = fields.rest
        return request
    }

    /// A text, texts, numbers of tokens, or lists of those.
    private static func input(_ value: JSONValue) throws(InferenceError) -> EmbeddingRequest.Input {
        if let text = value.string { return .texts([text]) }
        guard let list = value.array else {
            throw RequestFields.mistake("input", "must be a string or an array, not \(value.words)")
        }
        guard let first = list.first else { throw RequestFields.mistake("input", "must not be empty") }
        if first.integer != nil { return .tokens([try tokens(list, at: "input")]) }
        guard list.count <= maximumInputs else {
            throw RequestFields.mistake("input", "must have at most \(maximumInputs) elements")
        }
        if first.array != nil {
            var lists: [[Int]] = []
            for (index, element) in list.enumerated() {
                let place = "input[\(index)]"
                guard let list = element.array else {
                    throw RequestFields.mistake(place, "must be an array of token numbers like the ones before")
                }
                lists.append(try tokens(list, at: place))
            }
            return .tokens(lists)
        }
        var texts: [String] = []
        for (index, element) in list.enumerated() {
            guard let text = element.string else {
                throw RequestFields.mistake("input[\(index)]", "must be a string, not \(element.words)")
            }
            texts.append(text)
        }
        return .texts(texts)
    }

    private static func tokens(_ list: [JSONValue], at place: String) throws(InferenceError) -> [Int] {
        guard !list.isEmpty else { throw RequestFields.mistake(place, "must not be empty") }
        var tokens: [Int] = []
        tokens.reserveCapacity(list.count)
        for (index, element) in list.enumerated() {
            guard let token = element.integer, token >= 0, let token = Int(exactly: token) else {
                throw RequestFields.mistake("\(place)[\(index)]", "must be the number of a token")
            }
            tokens.append(token)
        }
        return tokens
    }
}
