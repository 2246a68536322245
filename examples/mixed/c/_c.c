/* The module mixed._c. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *add(PyObject *self, PyObject *args)
{
    long one, other;

    if (!PyArg_ParseTuple(args, "ll", &one, &other))
        return NULL;
    return PyLong_FromLong(one + other);
}

static PyMethodDef methods[] = {
    {"add", add, METH_VARARGS, "The sum of two integers."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_c",
    .m_size = 0,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit__c(void)
{
    return PyModuleDef_Init(&module);
}
