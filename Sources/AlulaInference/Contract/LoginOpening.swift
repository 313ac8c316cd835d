package import AlulaPrimitives

/// Finds the secret behind a login when a call needs it. Whoever conforms looks where it is kept, so that an edit counts
/// within a quarter of a second.
package protocol LoginOpening: Sendable {
    /// Opens the login of a call.
    ///
    /// - Throws: ``AttemptFailure`` when the secret can't be read or is gone, `CancellationError`.
    func open(_ target: CallTarget) async throws -> OpenedLogin
}

/// What proves to a provider who asks.
package struct OpenedLogin: Sendable {
    /// How the secret is shown.
    package enum Form: Hashable, Sendable {
        /// As the kind of API wants it for keys.
        case key
        /// As a Bearer token, whatever the kind of API.
        case bearer
        /// As the kind of API wants it for the tokens of an account.
        case account
    }

    /// A key or token; `nil` when the provider wants none.
    package let secret: Secret?
    package let form: Form
    /// Further headers that the configuration has for the provider and the model, in order. Their values may be secrets.
    package let headers: [(name: String, value: Secret)]
    /// Further secrets that may come back in what a provider says, such as a header's value without its prefix.
    package let hidden: [Secret]
    /// How the provider is reached; `nil` for nothing particular.
    package let transport: CallTransport?
    /// The provider's own name for the account, where the login says it.
    package let account: String?
    /// Where the provider is reached for this account; `nil` leaves it to what is known of the provider.
    package let baseURL: String?
    /// Headers by which the provider wants to be told who we are; it wants some about each request as well then. `nil` where a
    /// request says enough.
    package let introduction: [(name: String, value: String)]?
    /// Renews the login after the provider refused this one, however long it says that it is good; `nil` for one that can't
    /// be renewed. It throws what ``LoginOpening/open(_:)`` throws.
    package let renewal: (@Sendable () async throws -> OpenedLogin)?

    package init(
        secret: Secret?, form: Form = .key, headers: [(name: String, value: Secret)] = [], hidden: [Secret] = [],
        transport: CallTransport? = nil, account: String? = nil, baseURL: String? = nil,
        introduction: [(name: String, value: String)]? = nil, renewal: (@Sendable () async throws -> OpenedLogin)? = nil
    ) {
        self.secret = secret
        self.form = form
        self.headers = headers
        self.hidden = hidden
        self.transport = transport
        self.account = account
        self.baseURL = baseURL
        self.introduction = introduction
        self.renewal = renewal
    }
}
