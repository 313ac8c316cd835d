package import AlulaAuth
package import AlulaCredentials
package import AlulaPrimitives

/// Begins attempts to sign in.
package protocol SigningIn: Sendable {
    /// - Throws: ``CommandError`` when the surroundings are wrong.
    func begin(_ provider: ProviderID) async throws -> SignInWay
    /// Asks for a code that somebody types on another device.
    ///
    /// - Returns: `nil` where nobody can sign in so.
    /// - Throws: ``CommandError``, `RenewalFailure`, `CancellationError`.
    func beginOnDevice(_ provider: ProviderID) async throws -> (any DeviceSigningIn)?
}

/// How one signs in to a provider.
package enum SignInWay: Sendable {
    case browser(any BrowserSigningIn)
    /// The provider knows applications that somebody registered, and the variable that names one is not set.
    case needsClient(variable: String)
    /// With a code that is typed on another device, and in no other way.
    case onDevice
    /// Nobody can.
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

/// One attempt to sign in with a code that somebody types on another device. Whoever has it ends it.
package protocol DeviceSigningIn: Sendable {
    /// Where it is typed.
    var page: String { get }
    var userCode: String { get }
    /// How long it is good.
    var lifetime: Duration { get }
    /// When to ask whether it was typed.
    var polling: DevicePolling { get }

    /// Asks whether it was typed.
    ///
    /// - Returns: `nil` while it was not.
    /// - Throws: `RenewalFailure`, `CancellationError`.
    func answer(until deadline: Deadline) async throws -> DeviceGrant?
    /// Exchanges what came of it for a login.
    ///
    /// - Throws: `RenewalFailure`, `CancellationError`.
    func redeem(_ grant: DeviceGrant, until deadline: Deadline) async throws -> IssuedLogin
    func end() async
}

/// For surroundings without a browser.
package struct NoSignIn: SigningIn {
    package init() {}

    package func begin(_ provider: ProviderID) async throws -> SignInWay { .none }
    package func beginOnDevice(_ provider: ProviderID) async throws -> (any DeviceSigningIn)? { nil }
}
