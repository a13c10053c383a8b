using System.ComponentModel;

namespace EventBroker.Client;

/// <summary>A class that handles an event. Implement <see cref="IEventHandler{TEvent}"/>, which brings the member of this one.</summary>
public interface IEventHandler
{
    /// <summary>Gets how the class is called; without this, its type argument could be found by reflection only.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract HandlerBinding Binding { get; }
}
