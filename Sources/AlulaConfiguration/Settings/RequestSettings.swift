package import AlulaPrimitives

/// `request` of a provider: how it is reached and who asks, in place of what its kind of API does otherwise. Everything takes
/// effect with the next request.
package struct RequestSettings: Sendable {
    /// `auth`
    package enum Auth: Sendable {
        /// `provider-default`: as its kind of API wants it.
        case standard
        /// `authorization-bearer`, with `token`, secret.
        case bearer(SecretInput)
        /// `header`, with `headerName`, `value`, secret, and `prefix`, which stands before it as it is.
        case header(name: String, value: SecretInput, prefix: String)

        /// What stands in the place of the provider's logins; `nil` when they count.
        package var secret: SecretInput? {
            switch self {
            case .standard: nil
            case .bearer(let secret), .header(_, let secret, _): secret
            }
        }
    }

    /// `tls`: what a secure connection goes by. All of them are PEM texts and count as secrets.
    package struct Security: Sendable {
        /// `ca`: authorities that are trusted in place of the machine's.
        package var authorities: SecretInput?
        /// `cert`: the certificate that the gateway shows, and those between it and an authority.
        package var certificate: SecretInput?
        /// `key`
        package var key: SecretInput?
        /// `passphrase` of ``key``.
        package var passphrase: SecretInput?

        /// Nothing particular.
        package init() {}
    }

    /// `headers`, in order, values secret. They count more than those of the provider and the model.
    package var headers: [(name: String, value: SecretInput)] = []
    package var auth = Auth.standard
    /// `proxy.url` of `explicit-proxy`, secret, since it may hold a password; `nil` leaves the proxy to the environment.
    package var proxy: Secret?
    package var security = Security()

    /// Nothing particular.
    package init() {}
}
