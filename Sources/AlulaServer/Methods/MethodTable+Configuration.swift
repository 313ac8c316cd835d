extension MethodTable {
    /// `config.*`.
    static let configuration: [GatewayMethod] = []
}
