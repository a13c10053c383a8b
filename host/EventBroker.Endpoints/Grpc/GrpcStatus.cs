using System.Globalization;
using System.Text;
using EventBroker.Sdk.Errors;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Grpc;

// A status in the place of an answer: written before the framework has begun with the call, so it comes as headers alone.
internal static class GrpcStatus
{
    private const string Status = "grpc-status";
    private const string Message = "grpc-message";

    public static void Write(HttpContext http, BrokerException failure)
    {
        http.Response.ContentType = "application/grpc";
        http.Response.Headers[Status] = ((int)Http.Statuses.ToGrpc(failure.Code)).ToString(CultureInfo.InvariantCulture);
        http.Response.Headers[Message] = Escape(failure.Message);
        http.Response.Headers[ContractHeaders.Refusal] = Http.Refusals.Word(failure);
    }

    // Percent-encoded where it is not printable ASCII, as gRPC wants it.
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            _ = b is >= 0x20 and <= 0x7E and not (byte)'%' ? escaped.Append((char)b) : escaped.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return escaped.ToString();
    }
}
