import Hummingbird
import NIOCore

/// Finds each answer in a task of its own, on the connection's event loop.
///
/// A task keeps the stack that it once needed, and a connection's task lives on while the body of its answer is written, which
/// may be for hours. So what the way through the router took is given back before that.
struct TransientResponder<Base: HTTPResponder>: HTTPResponder where Base.Context == HTTPContext {
    let base: Base
    let executors: LoopExecutors

    func respond(to request: Request, context: HTTPContext) async throws -> Response {
        let task = Task(executorPreference: executors[context.channel.eventLoop]) { [base] in
            try await base.respond(to: request, context: context)
        }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
