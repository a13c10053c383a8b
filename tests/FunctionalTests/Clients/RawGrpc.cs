using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Clients;

// gRPC without a gRPC client: what one would never send.
internal static class RawGrpc
{
    public static byte[] Frame(byte[] message, bool isCompressed = false)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = isCompressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    public static async Task<(StatusCode Code, string Message)> CallAsync(
        HttpClient http, string method, HttpContent body, params (string Name, string Value)[] headers)
    {
        var (code, message, _) = await AskAsync(http, method, body, headers);
        return (code, message);
    }

    // The refusal is the value of eventbroker-refusal.
    public static async Task<(StatusCode Code, string Message, string Refusal)> AskAsync(
        HttpClient http, string method, HttpContent body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, method) { Content = body };
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.TE.Add(new("trailers"));
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!response.Headers.Contains("grpc-status"))
        {
            await response.Content.ReadAsByteArrayAsync();
        }

        var told = response.Headers.Contains("grpc-status") ? response.Headers : response.TrailingHeaders;
        return ((StatusCode)int.Parse(Of("grpc-status"), CultureInfo.InvariantCulture), Uri.UnescapeDataString(Of("grpc-message")), Of("eventbroker-refusal"));

        string Of(string name) => told.TryGetValues(name, out var values) ? values.First() : "";
    }
}
