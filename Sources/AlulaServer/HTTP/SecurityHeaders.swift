import HTTPTypes
import Hummingbird

/// Adds the headers that every reply carries, errors included.
struct SecurityHeaders: RouterMiddleware {
    typealias Context = HTTPContext

    let strictTransportSecurity: String?

    func handle(
        _ request: Request, context: HTTPContext,
        next: @concurrent (Request, HTTPContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
        }
        for field in Self.fields { response.headers[field.name] = field.value }
        if let strictTransportSecurity { response.headers[.strictTransportSecurity] = strictTransportSecurity }
        return response
    }

    /// What every reply carries, also those that the router never sees.
    static let fields: HTTPFields = [
        .xContentTypeOptions: "nosniff", referrerPolicy: "no-referrer",
        permissionsPolicy: "camera=(), geolocation=(), microphone=()",
    ]

    private static let referrerPolicy = HTTPField.Name("Referrer-Policy") ?? .server
    private static let permissionsPolicy = HTTPField.Name("Permissions-Policy") ?? .server
}
