import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads the body of a request to a model, within bounds of size and time.
struct RequestBodyReader {
    let core: ServerCore
    /// The largest body.
    let maximum: ByteCount

    private var settings: ModelAPISettings { core.settings.models }

    /// The body as JSON that `decode` has understood. Large bodies are read on the blocking pool. It runs inside of
    /// ``AnswerWork/run(_:)``, which ends it with the work.
    ///
    /// - Throws: `AnswerError` for what the caller did wrong, `CancellationError` when the work was ended.
    func read<Value: Sendable>(
        _ request: Request, for work: AnswerWork,
        _ decode: @escaping @Sendable (JSONValue) throws(InferenceError) -> Value
    ) async throws -> Value {
        try checkHead(request)
        work.end(.bodyTooSlow, after: settings.bodyTimeout)
        work.note(.begun)
        let bytes = try await bytes(of: request.body, for: work)
        work.note(.whole)
        work.end(.outOfTime, after: settings.answerTimeout)
        let understand: @Sendable () -> Result<Value, AnswerError> = { Self.understand(bytes, decode) }
        guard bytes.readableBytes > settings.maximumInline.bytes else {
            return try WorkRegister.withWork("read a request to a model", understand).get()
        }
        return try await core.pool.runForCaller("read a request to a model", understand).get()
    }

    private func bytes(of body: RequestBody, for work: AnswerWork) async throws -> ByteBuffer {
        var bytes = ByteBuffer()
        for try await part in body {
            guard bytes.readableBytes + part.readableBytes <= maximum.bytes else { throw tooLarge }
            guard work.hold(bytes: part.readableBytes) else { throw Self.tooMany }
            bytes.writeImmutableBuffer(part)
        }
        // Whoever is cancelled finds the body's end, however much of it is missing.
        try Task.checkCancellation()
        return bytes
    }

    /// What the head alone says against reading on.
    private func checkHead(_ request: Request) throws(AnswerError) {
        let type = request.headers[.contentType].map { String($0.prefix { $0 != ";" }).trimmed().lowercased() }
        guard let type, type == "application/json" || type.hasSuffix("+json") else {
            throw AnswerError(.wrongMediaType, "The body must be JSON, and `Content-Type` must say application/json.")
        }
        if let encoding = request.headers[.contentEncoding], encoding.trimmed().lowercased() != "identity" {
            throw AnswerError(.wrongMediaType, "The body must not be compressed.")
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > maximum.bytes {
            throw tooLarge
        }
    }

    private static func understand<Value>(
        _ bytes: ByteBuffer, _ decode: (JSONValue) throws(InferenceError) -> Value
    ) -> Result<Value, AnswerError> {
        let value: JSONValue
        do {
            value = try JSONValue.parse(Array(bytes.readableBytesView))
        } catch {
            return .failure(AnswerError(.badRequest, "The body is not JSON that can be read: \(error.description)"))
        }
        do { return .success(try decode(value)) } catch { return .failure(AnswerError(error)) }
    }

    private var tooLarge: AnswerError {
        AnswerError(.tooLarge, "The body is larger than \(maximum.bytes) bytes.")
    }

    private static let tooMany = AnswerError(
        .overloaded, "Too many large requests are under way; try again soon.", retryAfter: .seconds(1))
}

extension BlockingPool {
    /// Longer than anything that is given to the pool for a caller takes on a machine that is not on its knees.
    private static let patience = Duration.seconds(30)

    /// Runs a computation for a request to a model.
    ///
    /// - Throws: `AnswerError` when the pool has no place or no time, `CancellationError`.
    func runForCaller<Value: Sendable>(
        _ label: StaticString, _ body: @escaping @Sendable () -> Value
    ) async throws -> Value {
        do {
            return try await run(label, deadline: .after(Self.patience), body)
        } catch let error as SystemError {
            throw AnswerError(
                .overloaded, "The gateway has too much to do; try again soon. \(error.message)", retryAfter: .seconds(1)
            )
        }
    }
}
