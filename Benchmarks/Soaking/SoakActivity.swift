/// What a soak does all the time. Each kind has to have happened, or the run says nothing about it.
package enum SoakActivity: String, CaseIterable, Sendable {
    /// A client of the WebSocket that asks and takes its leave.
    case politeVisit = "polite visit"
    /// One that closes the socket while its answer is on the way.
    case cutVisit = "visit cut in an answer"
    /// One that goes in the middle of a question.
    case halfAskedVisit = "visit cut in a question"
    /// One that stays for a while without a word.
    case idleVisit = "idle client"
    case modelsOverHTTP = "GET /v1/models"
    case healthz = "GET /healthz"
    case metrics = "GET /metrics"
    case wholeChat = "chat, whole"
    case streamedChat = "chat, streamed"
    case cutChat = "chat, hung up on"
    case storeEdit = "edit of a store"
    case halfWrittenStore = "half written store"
    case storeTouch = "stores written again"
    case configurationEdit = "edit of the configuration"
    case halfWrittenConfiguration = "half written configuration"
    case invalidConfiguration = "invalid configuration"
    case login = "login by the command line"
    case commandLogout = "logout by the command line"
    case callLogout = "logout by a client"
    case secretsReload = "secrets.reload"
}
