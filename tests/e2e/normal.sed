# normal.sed - an answer without what differs from one cluster, second or machine to the next.
s/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/UID/g
s/"(resourceVersion|modifiedAt|createdAt)": ?"[0-9]+"/"\1": "N"/g
s/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?( ?Z| [+-][0-9]{4} UTC)?/TIME/g
s/(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +[0-9]+ [0-9:]{8} [0-9]{4}/TIME/g
# A line of the client's own log: level and day, time, thread.
s/^([IWEF])[0-9]{4} [0-9:.]+ +[0-9]+ /\1 /
s/time=[^ ]+ level/time=TIME level/
s/10\.(244|96|9[0-9]|1[01][0-9])\.[0-9]+\.[0-9]+/IP/g
s/node-[123]\b/NODE/g
s/("topology.kubernetes.io\/zone": ?)"[abc]"/\1"ZONE"/g
s/(message: [A-Z][a-z]+: )[0-9]+\/[0-9]+/\1PROGRESS/g
s/"generation": [0-9]{2,}/"generation": N/
s/^(Unable to connect to the server:) (context deadline exceeded|net\/http: .*)/\1 TOO LATE/
# Names end with five letters of this alphabet; events with the nanoseconds of their first time.
s/-[bcdfghjklmnpqrstvwxz2456789]{5}\b/-RANDOM/g
s/\.[0-9a-f]{16}"/.RANDOM"/g
s/"release": "[A-Za-z0-9+\/=]+"/"release": "BLOB"/
s/\b[0-9]+ \([0-9]+m?[0-9]*s ago\)/COUNT/
s/ +[0-9]+m?[0-9]*s$/ AGE/
s/"restartCount": ?[0-9]+/"restartCount": N/g
# How far a rollout was when it was asked about.
/^Waiting for /s/: .*/: …/
s/^Waiting for [0-9]+ /Waiting for N /
s/"(Created new replica set \\"[^"]*"|ReplicaSet \\"[^"]*" (is progressing\.|has successfully progressed\.))"/"PROGRESS"/
s/"(NewReplicaSetCreated|ReplicaSetUpdated)"/"PROGRESS"/
# Which of two objects it was whose turn it was.
s/_chatops-(engine|gateway)_apps/_OBJECT_apps/
s/"(availableReplicas|readyReplicas|unavailableReplicas|updatedReplicas|currentReplicas|observedGeneration|terminatingReplicas)": ?[0-9]+/"\1": N/g
s/has [0-9]+ out of [0-9]+|[0-9]+\/[0-9]+ replicas|[0-9]+ replicas? (are|is)/PROGRESS/g
# The scheduler may have bound a pod that was replaced meanwhile, and says so in its condition.
/"reason": "SchedulerError"|"message": "running Bind plugin/d
/^ {24}"observedGeneration": N/d
