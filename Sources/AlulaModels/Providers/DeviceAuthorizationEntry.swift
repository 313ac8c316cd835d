/// Where a provider lets people sign in on another device, with a short code that they type there.
package struct DeviceAuthorizationEntry: Hashable, Sendable {
    /// What is said on the way, and what comes of it.
    package enum Way: Hashable, Sendable {
        /// The standard's: the login itself, once the code was typed.
        ///
        /// - SeeAlso: RFC 8628.
        case standard(scope: String)
        /// OpenAI's: a code with its verifier, which is redeemed as a browser's is, with this in place of the address that a browser was
        /// sent back to.
        case redeemed(redirect: String)
    }

    /// Gives a code to type.
    package let codeURL: String
    /// Says whether it was typed.
    package let answerURL: String
    /// The page where it is typed.
    package let page: String
    package let way: Way
    /// How long a code to type is good where the provider does not say, in seconds.
    package let lifetimeSeconds: Int

    package init(codeURL: String, answerURL: String, page: String, way: Way, lifetimeSeconds: Int = 900) {
        self.codeURL = codeURL
        self.answerURL = answerURL
        self.page = page
        self.way = way
        self.lifetimeSeconds = lifetimeSeconds
    }

    /// The same provider, played by a server on this machine.
    func played(by server: LocalServer) -> DeviceAuthorizationEntry {
        var way = way
        if case .redeemed(let redirect) = way { way = .redeemed(redirect: server.moved(redirect)) }
        return DeviceAuthorizationEntry(
            codeURL: server.moved(codeURL), answerURL: server.moved(answerURL), page: server.moved(page), way: way,
            lifetimeSeconds: lifetimeSeconds)
    }
}

/// A provider that one signs in to on another device, and in no other way.
package struct DeviceOnlyEntry: Hashable, Sendable {
    package let device: DeviceAuthorizationEntry
    package let clientID: String
    /// What stands behind the provider in the id that a login gets, since the provider does not say whose it is.
    package let name: String

    package init(device: DeviceAuthorizationEntry, clientID: String, name: String) {
        self.device = device
        self.clientID = clientID
        self.name = name
    }
}
