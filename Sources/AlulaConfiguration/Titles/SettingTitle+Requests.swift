extension SettingTitle {
    private static let request = "models.providers.*.request"

    /// `request` of a provider.
    static let requests: [Line] = [
        Line(request, "Requests", "How the provider is reached, and who asks.", isAdvanced: true),
        Line(
            request + ".headers", "Headers", "Further headers, which count more than the others.", isAdvanced: true),
        Line(request + ".headers.*", "Header", "The value of one header.", isAdvanced: true),
        Line(
            request + ".auth", "Authentication", "What proves who asks, in place of the provider's logins.",
            isAdvanced: true),
        Line(
            request + ".auth.mode", "Kind", "How it is shown; `provider-default` leaves it to the logins.",
            isAdvanced: true),
        Line(request + ".auth.token", "Token", "The token of `authorization-bearer`.", isAdvanced: true),
        Line(request + ".auth.headerName", "Header", "The name of the header.", isAdvanced: true),
        Line(request + ".auth.value", "Value", "The header's value.", isAdvanced: true),
        Line(request + ".auth.prefix", "Prefix", "What stands before the value, as it is.", isAdvanced: true),
        Line(request + ".proxy", "Proxy", "The proxy to the provider.", isAdvanced: true),
        Line(
            request + ".proxy.mode", "Kind", "Whether the environment says which proxy, or `url`.",
            isAdvanced: true),
        Line(
            request + ".proxy.url", "URL", "`http://HOST:PORT` or `socks5://HOST:PORT`; a password may be in it.",
            isAdvanced: true),
        Line(request + ".tls", "TLS", "What a secure connection goes by.", isAdvanced: true),
        Line(
            request + ".tls.ca", "Authorities",
            "Certificates in PEM that are trusted in place of the machine's.", isAdvanced: true),
        Line(
            request + ".tls.cert", "Certificate", "What the gateway shows of itself, in PEM.", isAdvanced: true),
        Line(request + ".tls.key", "Key", "The certificate's key, in PEM.", isAdvanced: true),
        Line(request + ".tls.passphrase", "Passphrase", "What opens the key.", isAdvanced: true),
        Line(
            request + ".tls.insecureSkipVerify", "No verification",
            "Certificates are verified whatever this says.", isAdvanced: true),
    ]
}
