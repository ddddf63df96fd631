/* spawner.c - two threads that do nothing but posix_spawn. */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

#include "spawner.h"

#define THREADS 2

struct queue {
	struct spawn *first, **last;
};

struct spawner {
	struct loop *loop;
	uv_async_t async;
	pthread_t thread[THREADS];
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	struct queue todo, finished;
	bool stop;
};

static void
queue_add(struct queue *queue, struct spawn *spawn)
{
	spawn->next = NULL;
	*queue->last = spawn;
	queue->last = &spawn->next;
}

static struct spawn *
queue_take(struct queue *queue)
{
	struct spawn *spawn = queue->first;

	if (spawn != NULL && (queue->first = spawn->next) == NULL)
		queue->last = &queue->first;
	return spawn;
}

static void
set_attributes(posix_spawnattr_t *attributes, bool own_session)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(attributes);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &all);	/* our ignored SIGPIPE must not be inherited */
	posix_spawnattr_setpgroup(attributes, 0);
	posix_spawnattr_setflags(attributes,
	    (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
		(own_session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP)));
}

static void
set_descriptors(posix_spawn_file_actions_t *actions, const struct spawn *spawn)
{
	posix_spawn_file_actions_init(actions);
	posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
	if (spawn->out >= 0)
		posix_spawn_file_actions_adddup2(actions, spawn->out, 1);
	else
		posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
	if (spawn->errors >= 0)
		posix_spawn_file_actions_adddup2(actions, spawn->errors, 2);
	else
		posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

static void
run(struct spawn *spawn)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid;

	set_attributes(&attributes, spawn->own_session);
	set_descriptors(&actions, spawn);
	spawn->pidfd = -1;
	spawn->code =
	    posix_spawn(&pid, spawn->path, &actions, &attributes, spawn->argv, spawn->environment);
	spawn->pid = spawn->code == 0 ? pid : -1;
	if (spawn->code == 0)
		spawn->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (spawn->out >= 0)
		close(spawn->out);
	if (spawn->errors >= 0)
		close(spawn->errors);
}

static void *
work(void *arg)
{
	struct spawner *spawner = arg;
	struct spawn *spawn;

	pthread_mutex_lock(&spawner->mutex);
	for (;;) {
		while ((spawn = queue_take(&spawner->todo)) == NULL && !spawner->stop)
			pthread_cond_wait(&spawner->wake, &spawner->mutex);
		if (spawn == NULL)
			break;
		pthread_mutex_unlock(&spawner->mutex);
		run(spawn);
		pthread_mutex_lock(&spawner->mutex);
		queue_add(&spawner->finished, spawn);
		uv_async_send(&spawner->async);
	}
	pthread_mutex_unlock(&spawner->mutex);
	return NULL;
}

static void
hand_back(struct spawner *spawner)
{
	struct spawn *spawn, *next;

	pthread_mutex_lock(&spawner->mutex);
	spawn = spawner->finished.first;
	spawner->finished = (struct queue){ .first = NULL };
	spawner->finished.last = &spawner->finished.first;
	pthread_mutex_unlock(&spawner->mutex);
	for (; spawn != NULL; spawn = next) {
		next = spawn->next;
		spawn->spawned(spawn);
	}
}

static void
on_async(uv_async_t *async)
{
	hand_back(async->data);
}

struct spawner *
spawner_new(struct loop *loop)
{
	struct spawner *spawner = xcalloc(1, sizeof(*spawner));
	pthread_attr_t attributes;

	spawner->loop = loop;
	spawner->todo.last = &spawner->todo.first;
	spawner->finished.last = &spawner->finished.first;
	pthread_mutex_init(&spawner->mutex, NULL);
	pthread_cond_init(&spawner->wake, NULL);
	uv_async_init(loop_uv(loop), &spawner->async, on_async);
	spawner->async.data = spawner;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, KILOBYTES(256));
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&spawner->thread[i], &attributes, work, spawner) != 0)
			abort();
	pthread_attr_destroy(&attributes);
	return spawner;
}

void
spawner_start(struct spawner *spawner, struct spawn *spawn)
{
	pthread_mutex_lock(&spawner->mutex);
	queue_add(&spawner->todo, spawn);
	pthread_cond_signal(&spawner->wake);
	pthread_mutex_unlock(&spawner->mutex);
}

static void
free_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void
spawner_free(struct spawner *spawner)
{
	if (spawner == NULL)
		return;
	pthread_mutex_lock(&spawner->mutex);
	spawner->stop = true;
	pthread_cond_broadcast(&spawner->wake);
	pthread_mutex_unlock(&spawner->mutex);
	for (int i = 0; i < THREADS; i++)
		pthread_join(spawner->thread[i], NULL);
	hand_back(spawner);
	pthread_mutex_destroy(&spawner->mutex);
	pthread_cond_destroy(&spawner->wake);
	uv_close((uv_handle_t *)&spawner->async, free_closed);
}
