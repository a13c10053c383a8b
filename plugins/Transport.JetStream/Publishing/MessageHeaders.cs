using System.Security.Cryptography;
using EventBroker.Nats.Messages;
using EventBroker.Sdk.Messages;
using NATS.Client.Core;

namespace EventBroker.Transport.JetStream.Publishing;

/// <summary>The headers of a published message: its id, by which the servers drop a second one, and the form of the payload.</summary>
internal static class MessageHeaders
{
    private const int LongestId = 128;

    /// <summary>Makes a message's headers.</summary>
    /// <param name="message">The message.</param>
    /// <param name="scope">The event's subject where the stream carries others, too, whose ids are theirs; null where it doesn't.</param>
    /// <returns>The headers.</returns>
    public static NatsHeaders Make(EncodedMessage message, string? scope)
    {
        var headers = new NatsHeaders(2) { [HeaderNames.Form] = HeaderNames.FormValue };
        if (message.GetId() is { Length: > 0 } id)
        {
            headers[HeaderNames.MessageId] = ToHeader(scope is null ? id : $"{scope}/{id}");
        }

        return headers;
    }

    // Two ids must never become the same header: what is not taken as it is becomes a hash, which begins with a character that is.
    private static string ToHeader(string id) =>
        id.Length <= LongestId && id[0] != '#' && !id.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? id
            : "#" + Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)));
}
