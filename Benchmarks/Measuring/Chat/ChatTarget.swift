/// Somebody on this machine who answers chat completions, and how it is asked.
package struct ChatTarget: Sendable {
    /// For people.
    package let name: String
    package let port: Int
    package let path: String
    package let key: String
    package let model: String

    package init(_ name: String, port: Int, path: String = "/v1/chat/completions", key: String, model: String) {
        self.name = name
        self.port = port
        self.path = path
        self.key = key
        self.model = model
    }

    /// One request, on a connection that stays open.
    ///
    /// - Parameter question: Nothing in it is escaped in JSON.
    package func request(_ question: String, isStreamed: Bool = false) -> [UInt8] {
        let body = body(question, isStreamed: isStreamed)
        let head =
            "POST \(path) HTTP/1.1\r\nhost: 127.0.0.1:\(port)\r\nauthorization: Bearer \(key)\r\n"
            + "content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n"
        return Array((head + body).utf8)
    }

    /// What is asked.
    package func body(_ question: String, isStreamed: Bool = false) -> String {
        #"{"model":"\#(model)","messages":[{"role":"system","content":"You are a helpful assistant who answers in one or two sentences."},{"role":"user","content":"\#(question)"}],"temperature":0.7,"max_tokens":256,"stream":\#(isStreamed)}"#
    }
}
