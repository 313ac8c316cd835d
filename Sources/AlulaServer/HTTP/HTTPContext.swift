import Hummingbird
import NIOCore

/// What the router knows about a request besides its head.
struct HTTPContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Numeric address of the other end.
    let remoteAddress: String
    /// The connection, for ending it.
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
        remoteAddress = source.channel.remoteAddress?.numericAddress ?? "unknown"
    }
}
