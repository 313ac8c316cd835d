package import AlulaPrimitives

/// A gateway that runs on the state directory in question.
package struct RunningGateway: Sendable {
    /// Such as `ws://127.0.0.1:18789`.
    package var url: String
    package var processID: Int32?
    /// The shared secret that the configuration or the token file holds.
    package var credential: GatewayCredential?

    package init(url: String, processID: Int32? = nil, credential: GatewayCredential? = nil) {
        self.url = url
        self.processID = processID
        self.credential = credential
    }
}

/// What a client shows to be let in.
package enum GatewayCredential: Sendable {
    case token(Secret)
    case password(Secret)
}
