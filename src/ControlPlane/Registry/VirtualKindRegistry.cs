using ControlPlane.Registry.Tables;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>
/// A kind that is answered and never stored: posted, as reviews and bindings, or made when it is read, as metrics. Its handler stands in
/// <c>ApiServer/Handlers</c>; until there is one the server does not start.
/// </summary>
internal abstract class VirtualKindRegistry<T> : KindRegistry<T> where T : KubeObject
{
    public override IReadOnlyList<string> Verbs { get; } = ["create"];

    public override bool IsVirtual => true;

    public override bool IsStored => false;

    protected override void Validate(T obj, FieldErrors errors) { }

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } = [Column.Name, Column.Age];

    protected override IReadOnlyList<object?> Cells(T obj, DateTime now) => [obj.Name, Cell.Age(obj, now)];
}
