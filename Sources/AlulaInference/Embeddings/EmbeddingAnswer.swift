/// Vectors, in the order of the inputs that they were made of.
package struct EmbeddingAnswer: Hashable, Sendable {
    package var vectors: [EmbeddingVector]
    /// What was read, in tokens; `nil` when the provider does not count.
    package var inputTokens: Int?

    package init(_ vectors: [EmbeddingVector], inputTokens: Int? = nil) {
        self.vectors = vectors
        self.inputTokens = inputTokens
    }

    /// Roughly how many bytes it takes on the wire.
    package var approximateBytes: Int { vectors.reduce(0) { $0 + $1.values.count * 12 } }
}
