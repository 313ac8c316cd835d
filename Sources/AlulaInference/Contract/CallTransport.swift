package import AlulaPrimitives

/// How a provider is reached, where the owner says it.
package struct CallTransport: Sendable {
    /// The address of a proxy; `nil` leaves it to the environment.
    package var proxy: Secret?
    /// Certificates in PEM that are trusted in place of the machine's.
    package var authorities: Secret?
    /// What the gateway shows of itself, in PEM.
    package var certificate: Secret?
    /// The certificate's key, in PEM.
    package var key: Secret?
    /// What opens the key.
    package var passphrase: Secret?

    /// Nothing particular.
    package init() {}

    /// All that it holds.
    package var secrets: [Secret] { [proxy, authorities, certificate, key, passphrase].compactMap(\.self) }
}
