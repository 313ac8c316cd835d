/// Where a provider lets people sign in on another device, with a short code that they type there.
///
/// This is OpenAI's way. It differs from the standard's (RFC 8628): what one waits for is a code with its verifier, which is redeemed
/// as a browser's is.
package struct DeviceAuthorizationEntry: Hashable, Sendable {
    /// Gives a code to type for `{"client_id": …}`.
    package let codeURL: String
    /// Says whether it was typed for `{"device_auth_id": …, "user_code": …}`.
    package let answerURL: String
    /// The page where it is typed.
    package let page: String
    /// What a code is redeemed with, in place of the address that a browser was sent back to.
    package let redirect: String
    /// How long a code to type is good, in seconds.
    package let lifetimeSeconds: Int

    package init(codeURL: String, answerURL: String, page: String, redirect: String, lifetimeSeconds: Int = 900) {
        self.codeURL = codeURL
        self.answerURL = answerURL
        self.page = page
        self.redirect = redirect
        self.lifetimeSeconds = lifetimeSeconds
    }
}
