package import AlulaAuth
package import AlulaCredentials
package import AlulaPrimitives

/// Begins attempts to sign in with a browser.
package protocol SigningIn: Sendable {
    /// - Throws: ``CommandError`` when the surroundings are wrong.
    func begin(_ provider: ProviderID) async throws -> SignInWay
}

/// How one signs in to a provider.
package enum SignInWay: Sendable {
    case browser(any BrowserSigningIn)
    /// The provider knows applications that somebody registered, and the variable that names one is not set.
    case needsClient(variable: String)
    /// Nobody can with a browser.
    case none
}

/// One attempt to sign in with a browser. Whoever has it ends it.
package protocol BrowserSigningIn: Sendable {
    /// The address to open.
    var url: String { get }
    /// The end of a sentence that says why the browser can't come back to this program; `nil` where it can.
    var hindrance: String? { get }

    /// Waits for the browser.
    ///
    /// - Returns: A code or a refusal; `nil` when nothing came until `deadline`.
    func answer(until deadline: Deadline) async throws -> CallbackVerdict?
    /// Judges what a person copied from a browser.
    func judge(pasted text: String) -> CallbackVerdict
    /// Exchanges a code for a login.
    ///
    /// - Throws: `RenewalFailure`, `CancellationError`.
    func redeem(_ code: Secret, until deadline: Deadline) async throws -> IssuedLogin
    func end() async
}

/// For surroundings without a browser.
package struct NoSignIn: SigningIn {
    package init() {}

    package func begin(_ provider: ProviderID) async throws -> SignInWay { .none }
}
