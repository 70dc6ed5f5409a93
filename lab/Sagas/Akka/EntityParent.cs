using Akka.Actor;

namespace Holdfast.Lab.Sagas.Akka;

/// <summary>A message for one entity.</summary>
internal interface IForEntity
{
    string EntityId { get; }
}

/// <summary>Makes an entity's actor when a message for it comes, and passes the message on.</summary>
internal sealed class EntityParent : ReceiveActor
{
    public EntityParent(Func<string, Props> props) => Receive<IForEntity>(message =>
    {
        var child = Context.Child(message.EntityId);
        (child.IsNobody() ? Context.ActorOf(props(message.EntityId), message.EntityId) : child).Forward(message);
    });
}
