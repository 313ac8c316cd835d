import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

extension MethodTable {
    /// Chat channels. There are none yet.
    static let channels: [GatewayMethod] = [
        GatewayMethod(
            "channels.status", .scope(.read),
            .object([
                .optional("probe", .boolean), .optional("timeoutMs", .integer(minimum: 0)),
                .optional("channel", .nonEmptyString),
            ]), "The chat channels and how they are.",
            result: "`{ts, channelOrder[], channelLabels{}, channelMeta[], channels{}, channelAccounts{}, …}`",
            inServer: { _, _, core in
                [
                    "ts": .number(core.now().milliseconds), "channelOrder": [], "channelLabels": [:],
                    "channelDetailLabels": [:], "channelSystemImages": [:], "channelMeta": [], "channels": [:],
                    "channelAccounts": [:], "channelDefaultAccountId": [:],
                ]
            })
    ]
}
