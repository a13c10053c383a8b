using EventBroker.Nats.Delivering;
using EventBroker.Sdk.Messages;

namespace EventBroker.Transport.Nats.Groups;

/// <summary>A message of a worker group on this host, unread, or held by a member. Guarded by its group's lock.</summary>
internal sealed class GroupMessage(EncodedMessage message, ulong number, int attempts) : IUnread
{
    public EncodedMessage Message => message;

    /// <summary>Gets how many came to the group on this host before.</summary>
    public ulong Number => number;

    /// <summary>Gets how often it was handed over before.</summary>
    public int Attempts => attempts;

    /// <summary>Gets or sets how many were dropped right before it.</summary>
    public long Missed { get; set; }

    public GroupMember? Holder { get; set; }

    public Reader? Avoided { get; init; }

    public int Length => message.Length;
}
