using System.ComponentModel.DataAnnotations;
using EventBroker.Nats.Messages;
using EventBroker.Nats.Settings;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Settings;

namespace EventBroker.Transport.JetStream.Settings;

/// <summary>The settings of a transport over NATS JetStream. What concerns the keeping of events holds for those that are registered
/// without saying otherwise, and changes nothing of events that exist.</summary>
public sealed class JetStreamSettings : NatsSettings
{
    /// <summary>Gets or sets the first tokens of all subjects.</summary>
    /// <value>Default <c>eb</c>; 1 to 50 characters out of <c>A-Z a-z 0-9 . _ -</c>, no empty token. Transports over one NATS account need different ones.</value>
    [Required]
    public string SubjectPrefix { get; set; } = "eb";

    /// <summary>Gets or sets the beginning of all stream names.</summary>
    /// <value>Default <c>eb-</c>; 1 to 50 characters out of <c>A-Z a-z 0-9 _ -</c>.</value>
    [Required]
    public string StreamPrefix { get; set; } = "eb-";

    /// <summary>Gets or sets the one stream that carries all events of this transport, each on its subject. The operator makes it, with
    /// these subjects and whatever retention; this transport changes nothing of it.</summary>
    /// <value>Default none: each event has a stream of its own, made by this transport when it is registered.</value>
    public string? Stream { get; set; }

    /// <summary>Gets or sets the events that <see cref="Stream"/> carries: they are there without being registered, and no others are.</summary>
    /// <value>Default none. Needed with <see cref="Stream"/>, and allowed with it only.</value>
    public IReadOnlyList<string> Events { get; set; } = [];

    /// <summary>Gets or sets the JetStream domain, for a leaf node that reaches JetStream elsewhere.</summary>
    /// <value>Default none.</value>
    public string? Domain { get; set; }

    /// <summary>Gets or sets how long messages are kept.</summary>
    /// <value>Default 7 d; 1 s to 3650 d.</value>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Gets or sets how many bytes of messages an event keeps.</summary>
    /// <value>Default none: only the account's limits count. From 1 KiB.</value>
    [Range(typeof(ByteSize), "1KiB", "1048576GiB")]
    public ByteSize? MaxBytesPerEvent { get; set; }

    /// <summary>Gets or sets how many messages an event keeps.</summary>
    /// <value>Default none. From 1.</value>
    [Range(1, long.MaxValue)]
    public long? MaxMessagesPerEvent { get; set; }

    /// <summary>Gets or sets how long a message id is remembered, so that a second message with it is dropped.</summary>
    /// <value>Default 2 min, the servers' own; 1 s to 30 d. No longer than the retention.</value>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan DeduplicationWindow { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets or sets on how many servers of a cluster each event is kept.</summary>
    /// <value>Default 1; 1 to 5.</value>
    [Range(1, 5)]
    public int Replicas { get; set; } = 1;

    /// <summary>Gets or sets where messages are kept.</summary>
    /// <value>Default on disk.</value>
    public StreamStorage Storage { get; set; }

    /// <summary>Gets or sets what happens at a limit of bytes or messages.</summary>
    /// <value>Default: the oldest messages go.</value>
    public StreamDiscard Discard { get; set; }

    /// <summary>Gets or sets how long the servers leave a message to a host before they deliver it to another. The host asks for more time
    /// while its subscriber holds it, so it matters when a host dies or freezes. It belongs to each worker group and consumer id and is
    /// fixed when that is made: all hosts need the same.</summary>
    /// <value>Default 30 s; 2 s to 12 h.</value>
    [Range(typeof(TimeSpan), "00:00:02", "12:00:00")]
    public TimeSpan AckWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var fault in base.Validate(validationContext))
        {
            yield return fault;
        }

        if (!SubjectNames.IsPrefix(SubjectPrefix))
        {
            yield return new ValidationResult("must be 1 to 50 characters, tokens of A-Z a-z 0-9 _ - with dots between", [nameof(SubjectPrefix)]);
        }

        if (StreamPrefix.Length is 0 or > 50 || !StreamPrefix.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            yield return new ValidationResult("must be 1 to 50 characters out of A-Z a-z 0-9 _ -", [nameof(StreamPrefix)]);
        }

        if (Stream is not null && (Stream.Length is 0 or > 200 || Stream.Any(static c => c is <= ' ' or '.' or '*' or '>' or '/' or '\\')))
        {
            yield return new ValidationResult("is no name of a stream", [nameof(Stream)]);
        }

        if (Stream is null != Events.Count is 0)
        {
            yield return new ValidationResult("belong together: the one stream of all events, and which events it carries", [nameof(Stream), nameof(Events)]);
        }

        foreach (var name in Events.Where(static e => !EventName.IsValid(e)))
        {
            yield return new ValidationResult($"'{name}' is no event name: {EventName.Rule}", [nameof(Events)]);
        }
    }
}
