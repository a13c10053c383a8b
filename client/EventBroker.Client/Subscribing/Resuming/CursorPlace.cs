using EventBroker.Protos.Event.V1;

namespace EventBroker.Client.Subscribing;

/// <summary>Behind a cursor; or, as long as there is none since the transport can't replay, at the end.</summary>
internal abstract class CursorPlace : ResumePlace
{
    public override bool GoesOn => Cursor is not null;

    /// <summary>Gets the cursor; null if the server has told none.</summary>
    public abstract string? Cursor { get; }

    public override void Apply(SubscribeRequest request)
    {
        request.ResumeAfter = Cursor ?? "";
        request.StartFrom = StartPosition.Unspecified;
        request.StartTime = null;
    }
}
