import AlulaJSON
import ArgumentParser

/// Which token of which device a command is about.
struct DeviceRoleOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The device's id, from alula devices list.", valueName: "id")) var device: String
    @Option(help: ArgumentHelp("The role whose token is meant.", valueName: "role")) var role = "operator"

    /// The members that name the token.
    var parameters: JSONObject { JSONObject([("deviceId", .string(device)), ("role", .string(role))]) }
}
