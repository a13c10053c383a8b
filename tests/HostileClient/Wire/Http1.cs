using System.Text;

namespace HostileClient.Wire;

/// <summary>Requests of HTTP/1.1 as text.</summary>
internal static class Http1
{
    public static byte[] Post(string path, string role, byte[] body, params string[] headers) =>
        [.. Encoding.Latin1.GetBytes($"{Head("POST", path, role, headers)}Content-Length: {body.Length}\r\n\r\n"), .. body];

    public static byte[] Get(string path, string role, params string[] headers) => Encoding.Latin1.GetBytes(Head("GET", path, role, headers) + "\r\n");

    public static byte[] Upgrade(string path, string role) =>
        Get(path, role, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");

    /// <summary>Returns all but the empty line, so that headers can go on.</summary>
    public static string Head(string method, string path, string role, params string[] headers)
    {
        var head = new StringBuilder($"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        if (role.Length > 0)
            head.Append(Access.RoleHeader).Append(": ").Append(role).Append("\r\n");

        foreach (var header in headers)
            head.Append(header).Append("\r\n");

        return head.ToString();
    }
}
