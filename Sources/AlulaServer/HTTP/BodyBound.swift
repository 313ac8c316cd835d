import AlulaPrimitives
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads and drops request bodies within a bound. No route takes one yet, and what nobody reads would be read without end.
struct BodyBound: RouterMiddleware {
    typealias Context = HTTPContext

    /// How long a refused client may go on sending before it is cut off: closing at once would lose the refusal.
    private static let grace = TimeAmount.seconds(1)

    let limits: ServerSettings.HTTPLimits

    func handle(
        _ request: Request, context: HTTPContext,
        next: @concurrent (Request, HTTPContext) async throws -> Response
    ) async throws -> Response {
        let channel = context.channel
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(limits.idleTimeout)) { channel.close(promise: nil) }
        let isWhole = try await dropBody(of: request)
        timer.cancel()
        if isWhole { return try await next(request, context) }
        channel.eventLoop.scheduleTask(in: Self.grace) { channel.close(promise: nil) }
        return Response(
            status: .contentTooLarge,
            headers: [.contentType: "application/json; charset=utf-8", .connection: "close"],
            body: ResponseBody(
                byteBuffer: ByteBuffer(
                    string: #"{"error":{"message":"Payload too large","type":"invalid_request_error"}}"#)))
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
