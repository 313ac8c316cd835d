/// Why nobody can sign in with a browser here and now.
package struct SignInFailure: Error, Hashable, Sendable {
    /// Raw values are stable.
    package enum Code: String, CaseIterable, Sendable {
        /// Another program listens where the provider sends browsers.
        case portTaken = "port_taken"
        case cannotListen = "cannot_listen"
        /// The server that plays the providers is none of this machine.
        case unusableServer = "unusable_server"
    }

    package let code: Code
    /// The end of a sentence that says what was in the way: `another program listens at …`.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
