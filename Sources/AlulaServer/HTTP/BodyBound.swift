import AlulaPrimitives
import AlulaProtocol
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads and drops request bodies within a bound, since what nobody reads would be read without end. Routes that take a
/// body do without.
struct BodyBound: RouterMiddleware {
    typealias Context = HTTPContext

    /// How long a refused client may go on sending before it is cut off: closing at once would lose the refusal.
    private static let grace = TimeAmount.seconds(1)

    let limits: ServerSettings.HTTPLimits

    func handle(
        _ request: Request, context: HTTPContext,
        next: @concurrent (Request, HTTPContext) async throws -> Response
    ) async throws -> Response {
        if try await drop(request, context) { return try await next(request, context) }
        Self.closeSoon(context.channel)
        if let dialect = HTTPRoutes.dialect(at: request.uri.path) {
            return AnswerHeaders.refusal(AnswerError(.tooLarge, "Payload too large"), dialect, closing: true)
        }
        return Response(
            status: .contentTooLarge,
            headers: [.contentType: "application/json; charset=utf-8", .connection: "close"],
            body: ResponseBody(
                byteBuffer: ByteBuffer(
                    string: #"{"error":{"message":"Payload too large","type":"invalid_request_error"}}"#)))
    }

    /// Reads a body that nobody wants.
    ///
    /// - Returns: Whether it ended within the bound; else the connection is of no more use.
    func drop(_ request: Request, _ context: HTTPContext) async throws -> Bool {
        let channel = context.channel
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(limits.idleTimeout)) { channel.close(promise: nil) }
        defer { timer.cancel() }
        return try await dropBody(of: request)
    }

    /// Ends a connection whose request was refused before it was read, once the refusal is with the client.
    static func closeSoon(_ channel: any Channel) {
        channel.eventLoop.scheduleTask(in: grace) { channel.close(promise: nil) }
    }

    /// - Returns: Whether the body ended within the bound.
    private func dropBody(of request: Request) async throws -> Bool {
        let maximum = limits.maximumBody.bytes
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > maximum { return false }
        var count = 0
        for try await part in request.body {
            count += part.readableBytes
            if count > maximum { return false }
        }
        return true
    }
}
