package import AlulaPrimitives
package import AlulaState

/// What a command was told besides its own business: where the state is, which gateway, how long to wait.
package struct CommandContext: Sendable {
    package var layout: StateLayout
    /// `--url`, `ALULA_GATEWAY_URL` or `OPENCLAW_GATEWAY_URL`: a gateway to ask in place of the one that runs here.
    package var url: String?
    /// Whether ``url`` came from the flag, which switches off every credential that was not given by flag as well.
    package var isURLExplicit: Bool
    /// From `--token`, or the environment where that counts.
    package var token: Secret?
    /// From `--password`, or the environment where that counts.
    package var password: Secret?
    /// How long an answer may take.
    package var timeout: Duration
    /// Another port than the configured one.
    package var port: Int?
    /// Whether `--dev` was given.
    package var isDevelopment: Bool
    /// Whether answers that are computed here may run the helper programs behind `secrets.providers`.
    package var runsHelpers = true

    package init(
        layout: StateLayout, url: String? = nil, isURLExplicit: Bool = false, token: Secret? = nil,
        password: Secret? = nil, timeout: Duration = .seconds(10), port: Int? = nil, isDevelopment: Bool = false
    ) {
        self.layout = layout
        self.url = url
        self.isURLExplicit = isURLExplicit
        self.token = token
        self.password = password
        self.timeout = timeout
        self.port = port
        self.isDevelopment = isDevelopment
    }
}
