package import AlulaPrimitives

/// What every part of one answer repeats.
package struct AnswerLabels: Hashable, Sendable {
    /// The gateway's own name for the answer, without a prefix.
    package let id: String
    /// The model as the caller spelled it.
    package let model: String
    package let createdAt: Timestamp

    package init(id: String, model: String, createdAt: Timestamp) {
        self.id = id
        self.model = model
        self.createdAt = createdAt
    }

    /// Seconds since 1970.
    var createdSeconds: Int64 { createdAt.milliseconds / 1000 }
}
