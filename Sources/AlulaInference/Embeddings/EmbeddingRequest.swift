package import AlulaJSON

/// One call for vectors, in no provider's dialect.
package struct EmbeddingRequest: Hashable, Sendable {
    /// What vectors are wanted of. Never empty.
    package enum Input: Hashable, Sendable {
        case texts([String])
        /// Numbers of tokens, which mean something to one model's tokenizer alone.
        case tokens([[Int]])

        package var count: Int {
            switch self {
            case .texts(let texts): texts.count
            case .tokens(let lists): lists.count
            }
        }
    }

    /// How vectors are written. Raw values are the dialect's.
    package enum Encoding: String, CaseIterable, Sendable {
        case float
        /// 32-bit floating point numbers, little end first, in base 64.
        case base64
    }

    /// The model as the caller spelled it.
    package var model: String
    package var input: Input
    /// The length of the vectors; `nil` leaves it to the model.
    package var dimensions: Int?
    package var encoding: Encoding
    /// The caller's own name for whoever asks.
    package var user: String?
    /// Members of the caller's request that have no field of their own, by their names in OpenAI's dialect.
    package var extras: JSONObject
    /// Who asks, and what that caller may ask for.
    package var caller = RequestCaller.owner

    package init(
        model: String, input: Input, dimensions: Int? = nil, encoding: Encoding = .float, user: String? = nil,
        extras: JSONObject = JSONObject()
    ) {
        self.model = model
        self.input = input
        self.dimensions = dimensions
        self.encoding = encoding
        self.user = user
        self.extras = extras
    }

    /// The first of ``extras`` that a provider of another dialect can't be sent; `nil` when there is none. All of them may
    /// change the vectors.
    package var unsayableMember: String? {
        // Clients spell out what they do not want.
        extras.first { _, value in ![false, 0, "", [], [:]].contains(value) }?.key
    }

    /// Roughly how many bytes it takes on the wire, at most a little over `limit`: counting ends there.
    package func approximateBytes(upTo limit: Int) -> Int {
        var bytes = 0
        switch input {
        case .texts(let texts):
            for text in texts where bytes <= limit { bytes += text.utf8.count }
        case .tokens(let lists):
            for list in lists where bytes <= limit { bytes += list.count * 6 }
        }
        return bytes
    }
}
