package import AlulaPrimitives
package import AlulaProtocol

/// Everything that the server is told, as one value.
package struct ServerSettings: Sendable {
    /// Where the gateway listens.
    package var binding = Binding.loopback
    /// 0 lets the system choose; both listeners of a loopback binding then share the choice.
    package var port = 18789
    /// Who may come in at first.
    package var access = AccessSettings()
    /// With it, everything on the port is encrypted.
    package var tls: TLSIdentity?
    /// Bounds of WebSocket connections.
    package var limits = ConnectionLimits()
    /// Sockets of one address that are not admitted yet.
    package var maximumUnauthenticatedPerAddress = 32
    /// Sockets of one address that have sent no request yet. A thousand programs that come back at once are fine.
    package var maximumSilentPerAddress = 1024
    /// Bounds of HTTP.
    package var http = HTTPLimits()
    /// Bounds of the model APIs.
    package var models = ModelAPISettings()
    /// The value of `Strict-Transport-Security`, if it is sent.
    package var strictTransportSecurity: String?
    /// How long requests under way may take once the server stops; then they are cut off.
    package var stopDeadline = Duration.seconds(4)
    /// Shown to clients.
    package var version = "0.0.0"
    /// The machine's name, shown to clients that may see who is present.
    package var hostName = "alula"
    /// The operating system, shown beside it.
    package var platform = "linux"

    package init() {}

    /// Where the gateway listens.
    package enum Binding: Hashable, Sendable {
        /// 127.0.0.1 and, where the system has it, ::1.
        case loopback
        /// One address of this machine; 127.0.0.1 is opened as well.
        case address(String)
        /// All IPv4 addresses.
        case everywhere
    }

    /// Bounds of the HTTP side.
    package struct HTTPLimits: Hashable, Sendable {
        /// From accepting a connection to its first complete request head.
        package var firstRequestTimeout = Duration.seconds(10)
        /// Silence inside a request or between two of them.
        package var idleTimeout = Duration.seconds(60)
        /// One request body on routes that say nothing else.
        package var maximumBody = ByteCount(bytes: 2_000_000)
        /// All header fields of one request together.
        package var maximumHeaders = ByteCount(bytes: 32_768)
        /// Header fields of one request.
        package var maximumHeaderCount = 100

        package init() {}
    }
}
