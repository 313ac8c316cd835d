import AlulaInference
package import AlulaPrimitives

/// Bounds of the model APIs.
package struct ModelAPISettings: Hashable, Sendable {
    /// Whether `POST /v1/chat/completions` is served.
    package var offersChatCompletions = true
    /// Whether `POST /v1/responses` is served.
    package var offersResponses = true
    /// One request body, but for `POST /v1/responses`.
    package var maximumBody = ByteCount(bytes: 20_000_000)
    /// One body of `POST /v1/responses`.
    package var maximumResponsesBody = ByteCount(bytes: 20_000_000)
    /// The bodies of all requests under way together.
    package var maximumBodiesTogether = ByteCount(bytes: 256_000_000)
    /// From a request's head to the end of its body.
    package var bodyTimeout = Duration.seconds(120)
    /// From the end of a request's body to the end of its answer.
    package var answerTimeout = Duration.seconds(600)
    /// How long answers under way may go on once the server stops; then their callers are told.
    package var stopGrace = Duration.milliseconds(500)
    /// Bodies and answers above it are read and written on the blocking pool.
    package var maximumInline = MessageSize.maximumInline

    package init() {}

    /// The largest body that any address takes.
    var largestBody: ByteCount { max(maximumBody, maximumResponsesBody) }
}
