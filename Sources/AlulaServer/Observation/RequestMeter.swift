import HTTPTypes
import Hummingbird

/// Tells how each request over HTTP was answered, and how long that took.
struct RequestMeter: RouterMiddleware {
    typealias Context = HTTPContext

    let observer: any ServerObserving

    func handle(
        _ request: Request, context: HTTPContext,
        next: @concurrent (Request, HTTPContext) async throws -> Response
    ) async throws -> Response {
        let began = ContinuousClock.now
        let (method, route) = (ServerEvents.httpMethod(request.method), ServerEvents.route(request.uri.path))
        do {
            let response = try await next(request, context)
            observer.requestAnswered(
                method, route: route, status: ServerEvents.status(response.status), after: began.duration(to: .now))
            return response
        } catch {
            let status = (error as? any HTTPResponseError)?.status ?? .internalServerError
            observer.requestAnswered(
                method, route: route, status: ServerEvents.status(status), after: began.duration(to: .now))
            throw error
        }
    }
}
