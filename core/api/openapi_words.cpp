// Our own short descriptions of types and fields, for `kubectl explain`.
#include "core/api/openapi_parts.h"

namespace orrery::api {

namespace {
struct Words {
    std::string_view name, words;
};

constexpr Words kTypes[] = {
    {"Binding", "Says on which node a pod is to run."},
    {"ClusterRole", "Rules of what may be done, for the whole cluster."},
    {"ClusterRoleBinding",
     "Gives a ClusterRole to users, groups and service accounts, everywhere."},
    {"ConfigMap", "Settings that pods read, as files or environment variables."},
    {"Container", "One program of a pod: its image, command, ports and needs."},
    {"CronJob", "Makes a Job at the times of a schedule."},
    {"CustomResourceDefinition", "Adds a kind to the API."},
    {"DaemonSet", "Keeps one pod on every node that fits."},
    {"Deployment",
     "Keeps a number of equal pods running, and replaces them when their template changes."},
    {"EndpointSlice", "Addresses of the pods behind a Service."},
    {"Endpoints", "Old form of EndpointSlice: addresses behind a Service."},
    {"Event", "What happened to an object, and why."},
    {"HorizontalPodAutoscaler", "Changes the number of replicas with the load."},
    {"Ingress", "Routes HTTP requests to Services by host and path."},
    {"Job", "Runs pods until enough of them have succeeded."},
    {"LabelSelector", "Chooses objects by their labels; an empty one chooses all."},
    {"Lease", "Who leads, or is alive, and until when."},
    {"LimitRange", "Bounds and defaults for what containers ask for in a namespace."},
    {"Namespace", "A room for names: most objects live in one."},
    {"NetworkPolicy", "Which traffic chosen pods may send and receive."},
    {"Node", "A machine that runs pods."},
    {"ObjectMeta", "What every object has: names, labels, owners, versions."},
    {"PersistentVolume", "A piece of storage of the cluster."},
    {"PersistentVolumeClaim", "A request for storage, that a PersistentVolume satisfies."},
    {"Pod", "Containers that run together on one node."},
    {"PodDisruptionBudget", "How many pods may be evicted at once."},
    {"PodSpec", "What a pod is to be: its containers, volumes and where it may run."},
    {"PodStatus", "How a pod fares."},
    {"PodTemplateSpec", "The pod to make: metadata and spec of each new one."},
    {"PriorityClass", "A name for a priority that pods can have."},
    {"Probe", "A check of a container, and how often it is made."},
    {"Quantity", "An amount: \"500m\", \"2\", \"1Gi\"."},
    {"ReplicaSet", "Keeps a number of equal pods running."},
    {"ResourceQuota", "How much a namespace may use in all."},
    {"Role", "Rules of what may be done in one namespace."},
    {"RoleBinding", "Gives a role to users, groups and service accounts in one namespace."},
    {"Secret", "Settings that are to be kept from others, such as keys and passwords."},
    {"Service", "One name and address for a changing set of pods."},
    {"ServiceAccount", "Who the programs in a pod are to the API."},
    {"StatefulSet", "Keeps pods with lasting names and storage of their own."},
    {"Status", "The answer of the server when there is no object to return."},
    {"StorageClass", "A way to make volumes when they are claimed."},
};

// By field name alone: these mean the same wherever they are.
constexpr Words kFields[] = {
    {"accessModes", "How the volume may be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany, "
                    "ReadWriteOncePod."},
    {"affinity", "Wishes and demands about nodes and neighbours."},
    {"annotations", "Notes of tools; nothing is chosen by them."},
    {"apiVersion", "The group and version of this object's kind."},
    {"args", "Arguments of the command."},
    {"clusterIP", "The service's address inside the cluster; None: no address."},
    {"command", "The program to start; the image's own when it is left out."},
    {"conditions", "What holds about the object, each with its reason."},
    {"containers", "The containers of the pod; at least one."},
    {"creationTimestamp", "When the server created the object."},
    {"data", "The values by their keys."},
    {"deletionTimestamp", "When the object was asked to go; set by the server."},
    {"env", "Environment variables."},
    {"finalizers", "Who must finish something before the object can go."},
    {"generateName", "The beginning of a name that the server completes."},
    {"generation", "Counts changes of what is wanted."},
    {"image", "The image to run."},
    {"imagePullPolicy", "When the image is fetched: Always, IfNotPresent, Never."},
    {"initContainers",
     "Containers that run to their end, one after the other, before the others start."},
    {"items", "The objects of the list."},
    {"kind", "What kind of object this is."},
    {"labels", "Keys and values by which objects are chosen."},
    {"limits", "The most that may be used."},
    {"livenessProbe", "When it fails, the container is restarted."},
    {"managedFields", "Who manages which fields."},
    {"metadata", "The object's name, namespace, labels and other facts about it."},
    {"minReadySeconds", "How long a new pod must be ready to count as available."},
    {"name", "The name; unique among its like."},
    {"namespace", "The namespace that the object is in."},
    {"nodeName", "The node that the pod runs on."},
    {"nodeSelector", "Labels that a node must have."},
    {"ownerReferences", "Whose part the object is: it goes when they are gone."},
    {"phase", "Where the object is in its life."},
    {"ports", "The ports."},
    {"readinessProbe", "While it fails, services send the pod nothing."},
    {"replicas", "How many pods are wanted, or are there."},
    {"requests", "What is set aside on the node."},
    {"resourceVersion", "The version of the stored object; changes with every write."},
    {"resources", "What is asked for and what is the limit."},
    {"restartPolicy", "Whether ended containers start again: Always, OnFailure, Never."},
    {"revisionHistoryLimit", "How many old revisions are kept."},
    {"selector", "Chooses the objects that belong to this one."},
    {"serviceAccountName", "The service account that the pod acts as."},
    {"spec", "What is wanted."},
    {"status", "What was observed; written by the cluster."},
    {"strategy", "How old pods are replaced by new ones."},
    {"template", "What each new object looks like."},
    {"terminationGracePeriodSeconds", "Seconds between the request to end and the kill."},
    {"tolerations", "Taints of nodes that don't keep this pod away."},
    {"type", "Which of its kinds this is."},
    {"uid", "Unique over all time; given by the server."},
    {"volumeMounts", "Where volumes appear in the container."},
    {"volumes", "What containers can mount."},
};

template <std::size_t N> std::string_view lookUp(const Words (&table)[N], std::string_view name) {
    for (const Words& each : table)
        if (each.name == name)
            return each.words;
    return {};
}
} // namespace

std::string_view describeType(std::string_view name) {
    return lookUp(kTypes, name.substr(name.rfind('.') + 1));
}

std::string_view describeField(std::string_view, std::string_view field) {
    return lookUp(kFields, field);
}

} // namespace orrery::api
