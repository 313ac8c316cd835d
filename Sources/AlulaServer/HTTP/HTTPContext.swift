import Hummingbird
import NIOCore

/// What the router knows about a request besides its head.
struct HTTPContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Numeric address of the other end.
    let remoteAddress: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress?.numericAddress ?? "unknown"
    }
}
